/*
 * Fuzzes the client with a server that sends anything.
 *
 * A thread listens on a socket and answers the client with the input, in
 * packets.  The bytes between two marks are one packet, so that an input that
 * grows or shrinks still consists of packets; the mark's last byte is the
 * packet's number.  The first byte chooses the requests to the server.
 *
 * With FUZZ_RECORD set to the socket of a real server its answers are passed
 * on, and written to the file FUZZ_RECORD_TO as an input.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "catalog/read.h"
#include "values/values.h"

#define MARK "\xffPKT"
#define MARK_SIZE 4

static char path[64];
static int	listener;
static int	wake[2];			/* a byte from the client's side, one back */
static const char *statement = "SELECT 1";
static const char *answer;		/* with headers */
static size_t answer_size;

/* Writes a packet with its header. */
static void
append_packet(StringInfo buf, const char *bytes, int len, uint8 number)
{
	appendStringInfoChar(buf, len & 0xff);
	appendStringInfoChar(buf, len >> 8 & 0xff);
	appendStringInfoChar(buf, len >> 16 & 0xff);
	appendStringInfoChar(buf, number);
	appendBinaryStringInfo(buf, bytes, len);
}

/* Converts an input to a stream of packets. */
static StringInfo
packets_of(FuzzInput *input)
{
	StringInfo	buf = makeStringInfo();
	const char *at = (const char *) input->at;
	const char *end = (const char *) input->end;

	while (end - at > MARK_SIZE && memcmp(at, MARK, MARK_SIZE) == 0)
	{
		uint8		number = at[MARK_SIZE];
		const char *next;

		at += MARK_SIZE + 1;
		next = memmem(at, end - at, MARK, MARK_SIZE);
		if (next == NULL)
			next = end;
		append_packet(buf, at, next - at, number);
		at = next;
	}
	return buf;
}

/* Writes a real server's packets as an input. */
static void
write_record(const char *bytes, size_t size)
{
	FILE	   *file = fopen(getenv("FUZZ_RECORD_TO"), "ab");
	const uint8 *at = (const uint8 *) bytes;
	const uint8 *end = at + size;

	while (file && end - at >= 4)
	{
		size_t		len = at[0] | at[1] << 8 | at[2] << 16;

		fwrite(MARK, 1, MARK_SIZE, file);
		fwrite(at + 3, 1, 1, file);
		fwrite(at + 4, 1, Min(len, (size_t) (end - at) - 4), file);
		at += 4 + Min(len, (size_t) (end - at) - 4);
	}
	if (file)
		fclose(file);
}

/* Relays the bytes between the client and a real server. */
static void
relay(int client)
{
	static char said[1024 * 1024];
	size_t		size = 0;
	char		buf[8192];
	ssize_t		n;
	int			server = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct pollfd fds[2] = {
		{.fd = client,.events = POLLIN},
		{.fd = server,.events = POLLIN}
	};

	strlcpy(address.sun_path, getenv("FUZZ_RECORD"), sizeof(address.sun_path));
	if (connect(server, (struct sockaddr *) &address, sizeof(address)) != 0)
		fuzz_fail("no server to record: %m");
	while (poll(fds, 2, -1) > 0 && size < sizeof(said) - sizeof(buf))
	{
		int			from = fds[1].revents ? server : client;

		n = read(from, buf, sizeof(buf));
		if (n <= 0 || write(from == server ? client : server, buf, n) != n)
			break;
		if (from == server)
		{
			memcpy(said + size, buf, n);
			size += n;
		}
	}
	write_record(said, size);
	close(server);
	close(client);
}

/* Sends the answer and closes; reads and ignores what the client sends. */
static void
serve(int client)
{
	size_t		sent = 0;
	char		ignored[8192];
	struct pollfd fds[3] = {
		{.fd = client,.events = POLLIN | POLLOUT},
		{.fd = listener,.events = POLLIN},
		{.fd = wake[0],.events = POLLIN}
	};

	fcntl(client, F_SETFL, O_NONBLOCK);
	while (poll(fds, 3, -1) > 0 && fds[2].revents == 0)
	{
		if (fds[1].revents)
			close(accept(listener, NULL, NULL));	/* a KILL: no answer */
		if (fds[0].revents & POLLIN && read(client, ignored, sizeof(ignored)) <= 0)
			fds[0].fd = -1;
		if (fds[0].revents & (POLLERR | POLLHUP))
			fds[0].fd = -1;
		if (fds[0].fd >= 0 && fds[0].revents & POLLOUT)
		{
			ssize_t		n = send(client, answer + sent, answer_size - sent,
								 MSG_NOSIGNAL | MSG_DONTWAIT);

			if (n > 0)
				sent += n;
			if (sent == answer_size)
			{
				shutdown(client, SHUT_WR);
				fds[0].events = POLLIN;
			}
		}
	}
	close(client);
}

/* Refuses a late KILL, which must not be served in place of the next input. */
static void
refuse_others(void)
{
	int			other;

	while ((other = accept(listener, NULL, NULL)) >= 0)
		close(other);
}

/* Serves one client for each requesting byte, until the next byte. */
static void *
server_main(void *arg)
{
	struct pollfd fds[2] = {
		{.fd = listener,.events = POLLIN},
		{.fd = wake[0],.events = POLLIN}
	};
	char		byte;

	for (;;)
	{
		poll(fds, 2, -1);
		if (fds[0].revents && getenv("FUZZ_RECORD"))
			relay(accept(listener, NULL, NULL));
		else if (fds[0].revents)
			serve(accept(listener, NULL, NULL));
		refuse_others();
		if (read(wake[0], &byte, 1) != 1 || write(wake[0], &byte, 1) != 1)
			return NULL;
	}
}

/* Stops serving an input; nothing of it is used after that. */
static void
end_serving(void)
{
	char		byte = 0;
	ssize_t		n = write(wake[1], &byte, 1);

	/* libFuzzer's clock may interrupt */
	while (n == 1 && (n = read(wake[1], &byte, 1)) < 0 && errno == EINTR)
		n = 1;
	if (n != 1)
		fuzz_fail("the server is gone: %m");
}

/* Starts the thread, which must not receive the backend's signals. */
static void
start_thread(void)
{
	sigset_t	all;
	sigset_t	old;
	pthread_t	thread;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&thread, NULL, server_main, NULL) != 0)
		fuzz_fail("no thread: %m");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void
prepare_server(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(path, sizeof(path), "/tmp/mariadb_fdw_fuzz.%d.sock", (int) getpid());
	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	unlink(path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *) &address, sizeof(address)) != 0 ||
		listen(listener, 10) != 0 ||
		socketpair(AF_UNIX, SOCK_STREAM, 0, wake) != 0)
		fuzz_fail("no socket: %m");
	if (getenv("FUZZ_RECORD_SQL") && *getenv("FUZZ_RECORD_SQL"))
		statement = getenv("FUZZ_RECORD_SQL");
	start_thread();
}

/* Reads rows as text, up to a limit even if there are more. */
static void
read_rows(MariaConn *conn, int limit)
{
	MariaResult *result = maria_open(conn, statement);

	while (limit-- > 0 && maria_fetch(result))
		for (int i = 0; i < result->nfields; i++)
			if (result->row[i].data)
				maria_value_text(&result->fields[i], result->row[i].data,
								 result->row[i].len);
	maria_close(result);
}

/* Reads from two results in turn, of which the first is parked. */
static void
read_two(MariaConn *conn)
{
	MariaResult *first = maria_open(conn, statement);
	MariaResult *second;

	maria_fetch(first);
	second = maria_open(conn, statement);
	while (maria_fetch(first) && maria_fetch(second))
		;
}

static void
ask(MariaConn *conn, uint8 choice)
{
	switch (choice % 6)
	{
		case 0:
			fuzz_plan_schema(maria_read_schema(conn, "fuzz", "shop"));
			break;
		case 1:
			maria_read_tables(conn, "fuzz", "shop");
			break;
		case 2:
			read_rows(conn, INT_MAX);
			break;
		case 3:
			read_rows(conn, 1);
			break;
		case 4:
			read_two(conn);
			break;
		default:
			maria_command(conn, statement);
	}
}

static void
fuzz_server(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	uint8		choice = fuzz_byte(&input);
	StringInfo	packets = packets_of(&input);
	MariaOptions *opts = palloc0(sizeof(MariaOptions));
	MariaConn  *volatile conn = NULL;

	opts->host = "localhost";
	opts->socket = path;
	opts->username = "app";
	opts->password = "secret";
	opts->connect_timeout = 2;
	opts->ssl_mode = SSL_MODE_DISABLED;
	opts->time_zone = "+00:00";
	answer = packets->data;
	answer_size = packets->len;
	PG_TRY();
	{
		conn = maria_connect(opts, "fuzz");
		ask(conn, choice);
	}
	PG_FINALLY();
	{
		if (conn)
			maria_disconnect(conn);
		maria_reset_waits();
		end_serving();
	}
	PG_END_TRY();
}

const FuzzTarget fuzz_server_targets[] = {
	{"server", fuzz_server, prepare_server},
	{NULL}
};
