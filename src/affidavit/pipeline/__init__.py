"""From facts to the sink: seal on the request's path, sign and ship off it."""
