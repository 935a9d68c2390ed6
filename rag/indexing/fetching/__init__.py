"""Articles by their addresses: a list is fetched politely, and what came is kept in the index folder."""
