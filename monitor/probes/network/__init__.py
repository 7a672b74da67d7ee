"""Connections that know when each byte left and arrived: names, sockets, TLS, kernel stamps."""
