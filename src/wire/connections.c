/* Which connections are ours, and what are their properties? */
#include "postgres.h"

#include "wire/client.h"

/* All connections, and the one that kills a statement of another. */
dlist_head	maria_connections = DLIST_STATIC_INIT(maria_connections);
MYSQL	   *maria_killer = NULL;

/* Distinguishes our connections from those of other users of the library. */
bool
maria_is_ours(MYSQL *mysql)
{
	dlist_iter	iter;

	if (mysql == maria_killer)
		return true;
	dlist_foreach(iter, &maria_connections)
	{
		if (dlist_container(MariaConn, node, iter.cur)->mysql == mysql)
			return true;
	}
	return false;
}

bool
maria_is_broken(MariaConn *conn)
{
	return conn->broken;
}

void
maria_mark_broken(MariaConn *conn)
{
	conn->broken = true;
}

/* Returns whether a statement is in progress, rows included. */
bool
maria_is_busy(MariaConn *conn)
{
	return conn->busy;
}

/*
 * Returns whether the server has a transaction open, as of the last response.
 */
bool
maria_in_transaction(MariaConn *conn)
{
	return (conn->mysql->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

/* Returns the local name of the server. */
const char *
maria_server_name(MariaConn *conn)
{
	return conn->server_name;
}

/* Returns the version that the server reports, in the local encoding. */
const char *
maria_server_version(MariaConn *conn)
{
	const char *version = mysql_get_server_info(conn->mysql);

	return version ? maria_to_local(version, strlen(version), NULL) : NULL;
}

unsigned long
maria_thread_id(MariaConn *conn)
{
	return conn->thread_id;
}

/* Returns the cipher in use, NULL on a plain connection. */
const char *
maria_ssl_cipher(MariaConn *conn)
{
	return mysql_get_ssl_cipher(conn->mysql);
}

/* Returns the time limit of a login, in ms. */
int
maria_connect_timeout(MariaConn *conn)
{
	return conn->opts.connect_timeout * 1000;
}

char *
maria_client_version(void)
{
	unsigned long version = maria_library_version();

	return psprintf("%lu.%lu.%lu", version / 10000, version / 100 % 100,
					version % 100);
}
