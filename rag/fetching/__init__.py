"""Articles by their web addresses: fetched politely, kept in the index folder."""
