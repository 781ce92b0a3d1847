/* A neighbourhood as a picture that grows where one chooses; the list beside it says and does the same. */
"use strict";

(function () {
  const box = document.getElementById("picture");
  if (!box || typeof cytoscape === "undefined") return;
  const start = JSON.parse(box.dataset.start);
  const list = document.getElementById("nodes");
  const status = document.getElementById("network-status");
  const opened = new Set([start.centre]);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function looks() {
    const is_dark = dark.matches;
    const ink = is_dark ? "#e7ecee" : "#1d2629";
    const paper = is_dark ? "#14191b" : "#ffffff";
    const line = is_dark ? "#5f6f75" : "#9aa7ac";
    const tones = is_dark
      ? { Drug: "#4fa3bd", Brand: "#4fa3bd", DrugClass: "#a78fd0", Condition: "#d09a5c", Population: "#7fae74", Activity: "#7fae74", Substance: "#c77f95", other: "#8a979c" }
      : { Drug: "#2b7a94", Brand: "#2b7a94", DrugClass: "#7257a8", Condition: "#b0702a", Population: "#4d8441", Activity: "#4d8441", Substance: "#a84a66", other: "#76848a" };
    const shapes = { Drug: "ellipse", Brand: "ellipse", DrugClass: "hexagon", Condition: "round-rectangle", Population: "triangle", Activity: "triangle", Substance: "diamond", other: "rectangle" };
    return [
      {
        selector: "node",
        style: {
          label: "data(label)",
          color: ink,
          "font-size": 11,
          "font-family": "system-ui, sans-serif",
          "text-valign": "bottom",
          "text-margin-y": 4,
          "text-wrap": "wrap",
          "text-max-width": 110,
          "text-background-color": paper,
          "text-background-opacity": 0.8,
          "background-color": (node) => tones[node.data("type")] || tones.other,
          shape: (node) => shapes[node.data("type")] || shapes.other,
          width: 22,
          height: 22,
        },
      },
      { selector: "node[?isCentre]", style: { width: 34, height: 34, "font-weight": 700, "font-size": 13, "border-width": 3, "border-color": ink } },
      { selector: "edge", style: { width: (edge) => 1 + (edge.data("rank") || 0) / 3, "line-color": line, "curve-style": "bezier", "target-arrow-shape": "triangle", "target-arrow-color": line, "arrow-scale": 0.8, opacity: 0.85 } },
      { selector: "edge[rank >= 6]", style: { "line-color": is_dark ? "#e07a6b" : "#b3382a", "target-arrow-color": is_dark ? "#e07a6b" : "#b3382a" } },
      { selector: 'edge[polarity = "denied"]', style: { "line-style": "dashed", "target-arrow-shape": "tee" } },
      { selector: 'edge[kind = "vocabulary"]', style: { "line-style": "dotted", "target-arrow-shape": "vee" } },
      { selector: "edge:selected, edge.told", style: { label: (edge) => words(edge), color: ink, "font-size": 10, "text-rotation": "autorotate", "text-background-color": paper, "text-background-opacity": 0.9, "z-index": 9 } },
    ];
  }

  function words(edge) {
    const level = edge.data("level");
    return (edge.data("polarity") === "denied" ? "denied: " : "") + edge.data("kind").replace(/_/g, " ") + (level ? ", " + level.replace(/_/g, " ") : "");
  }

  function elements(found) {
    const nodes = found.nodes.map((one) => ({ group: "nodes", data: { ...one, isCentre: one.id === start.centre || (start.ends || []).includes(one.id) } }));
    const edges = found.edges.map((one) => ({ group: "edges", data: one }));
    return nodes.concat(edges);
  }

  const picture = cytoscape({ container: box, elements: elements(start), style: looks(), minZoom: 0.2, maxZoom: 3 });

  /* Two rings, as wide as the picture is: what asks for care inside, everything else around it. */
  function ringed() {
    const places = {};
    const around = picture.nodes("[!isCentre]");
    const near = around.filter((node) => node.connectedEdges("[rank >= 4]").nonempty());
    const rings = near.nonempty() && near.length < around.length ? [near, around.difference(near)] : [around];
    /* As large as the picture, so that names are readable; where many stand in a ring, every other one stands further in. */
    const least = 10 * Math.max(...rings.map((ring) => ring.length));
    const across = Math.max(150, least, box.clientWidth / 2 - 70);
    const down = Math.max(150, least / 2, (across * box.clientHeight) / Math.max(1, box.clientWidth) - 45);
    rings.forEach((ring, number) => {
      const part = (number + 1) / rings.length;
      ring.sort((a, b) => a.data("type").localeCompare(b.data("type"))).forEach((node, place) => {
        const angle = (2 * Math.PI * (place + 0.5 * number)) / ring.length;
        const size = part * (ring.length > 12 && place % 2 ? 0.74 : 1);
        places[node.id()] = { x: size * across * Math.cos(angle), y: size * down * Math.sin(angle) };
      });
    });
    picture.nodes("[?isCentre]").forEach((node) => { places[node.id()] = { x: 0, y: 0 }; });
    return places;
  }

  function lay(from) {
    const layout = from
      ? { name: "cose", animate: !calm, randomize: false, fit: true, padding: 40, nodeRepulsion: 12000, idealEdgeLength: 90 }
      : start.ends
        ? { name: "breadthfirst", roots: [start.ends[0]], directed: false, padding: 40, spacingFactor: 1.1 }
        : { name: "preset", positions: ringed(), padding: 24 };
    picture.layout(layout).run();
  }

  function listed(node) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.node = node.id;
    button.textContent = node.label;
    const link = document.createElement("a");
    link.href = node.path.startsWith("/") ? node.path : "#";
    link.className = "quiet";
    link.textContent = "page";
    const more = document.createElement("span");
    more.className = "hidden";
    more.textContent = " of " + node.label;
    link.append(more);
    item.append(button, " ", link);
    return item;
  }

  async function expand(id) {
    const node = picture.getElementById(id);
    node.connectedEdges().addClass("told");
    if (opened.has(id)) {
      status.textContent = node.data("label") + " is open already.";
      return;
    }
    opened.add(id);
    status.textContent = "Looking around " + node.data("label") + " …";
    const address = new URL("/network.json", window.location.href);
    address.searchParams.set("node", id);
    let found;
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(String(answer.status));
      found = await answer.json();
    } catch (error) {
      opened.delete(id);
      status.textContent = "What stands around " + node.data("label") + " cannot be shown.";
      return;
    }
    const fresh = elements(found).filter((one) => picture.getElementById(one.data.id).empty());
    /* Around the node that was chosen, and on no other: where two nodes lie upon each other, no edge can be drawn. */
    const where = node.position();
    const taken = picture.nodes().map((other) => other.position());
    const isFree = (spot) => taken.every((other) => Math.hypot(other.x - spot.x, other.y - spot.y) > 40);
    const newcomers = fresh.filter((one) => one.group === "nodes");
    newcomers.forEach((one, number) => {
      const angle = (2 * Math.PI * number) / newcomers.length;
      const spot = (reach) => ({ x: where.x + reach * Math.cos(angle), y: where.y + reach * Math.sin(angle) });
      let reach = 80;
      while (!isFree(spot(reach)) && reach < 2000) reach += 40;
      one.position = spot(reach);
      taken.push(one.position);
    });
    picture.add(fresh);
    const added = found.nodes.filter((one) => fresh.some((other) => other.data.id === one.id));
    added.forEach((one) => list.append(listed(one)));
    status.textContent = node.data("label") + ": " + added.length + " more in the picture" + (found.truncated ? ", and there is more than is shown." : ".");
    lay(id);
  }

  lay("");
  picture.on("tap", "node", (event) => expand(event.target.id()));
  picture.on("mouseover", "edge", (event) => event.target.addClass("told"));
  picture.on("mouseout", "edge", (event) => event.target.removeClass("told"));
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-node]");
    if (button) expand(button.dataset.node);
  });
  dark.addEventListener("change", () => picture.style(looks()));
  box.dataset.ready = "yes";
  window.picture = picture;
})();
