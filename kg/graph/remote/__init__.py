"""A graph behind an address: any server that speaks SPARQL 1.1 is filled, checked, read and asked.

`wire` sends requests and names what goes wrong, `layout` says what a server holds, `store` reads it as the embedded
store is read, `needs` finds out what a query needs of it, and `push` fills it.
"""
