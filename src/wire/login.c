/*
 * Who may receive the password while a connection logs in?
 *
 * The server, or an impostor, chooses the authentication method.  Some methods
 * prove knowledge of the password without revealing it; others send it, or
 * encrypt it with a key that the other side has sent.  The library lets us see
 * what it reads before it acts on it: if it would send the password next, and
 * the receiver is not authenticated, the socket is shut down first.  So the
 * rule does not depend on the library's version, nor on which of its plugins
 * another extension has loaded.
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "storage/fd.h"

#include "wire/client.h"

/* No packet of a login is longer; a key of 16384 bits has 2800 bytes. */
#define MAX_PACKET 8192
#define HEADER_SIZE 4

/* First bytes of what a server sends. */
#define PACKET_MORE 0x01
#define PACKET_SWITCH 0xFE
#define PACKET_ERROR 0xFF

/* What the server tells caching_sha2_password after the challenge. */
#define CACHE_HIT 3

/* Where things are in a greeting, from the end of the server's version. */
#define GREETING_FLAGS_LOW 13
#define GREETING_FLAGS_HIGH 18
#define GREETING_SCRAMBLE_LENGTH 20
#define GREETING_SCRAMBLE 23
#define GREETING_END 44

/* A challenge of 20 bytes, and a zero byte after it. */
#define SCRAMBLE_SIZE 21

#define NATIVE_PASSWORD "mysql_native_password"
#define CACHING_SHA2 "caching_sha2_password"
#define SHA256 "sha256_password"
#define CHALLENGES NATIVE_PASSWORD ",client_ed25519,parsec," CACHING_SHA2

/*
 * An environment variable of the postmaster that disables all checks of the
 * library.
 */
#define UNVERIFIED "MARIADB_TLS_DISABLE_PEER_VERIFICATION"

/*
 * Where systems keep their trusted certificate authorities: Debian, Fedora,
 * SUSE.
 */
static const char *const system_authorities[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
};

/* What is known about the other side. */
typedef enum Trust
{
	TRUST_NOBODY,
	TRUST_KEY,					/* its key, if it has the one of the file */
	TRUST_SERVER				/* its certificate is checked, or its socket */
} Trust;

typedef enum Refusal
{
	REFUSED_NOT,
	REFUSED_PLUGIN,				/* not one of those below */
	REFUSED_PASSWORD,			/* would be sent to an unauthenticated server */
	REFUSED_KEY,				/* is not that of the file */
	REFUSED_PACKET,				/* does not belong to a login */
	REFUSED_PLAIN,				/* has no TLS, which was requested */
	REFUSED_LIBRARY,			/* does not check who has signed the
								 * certificate */
	REFUSED_FILE,				/* with the key cannot be read */
	REFUSED_HOST,				/* is one that the library does not check */
	REFUSED_AUTHORITY,			/* is not given, and the system has none */
	REFUSED_ENVIRONMENT			/* disables what was requested */
} Refusal;

/* What must be known about the server before a plugin begins. */
static const struct
{
	const char *name;
	Trust		needs;
}			plugins[] = {
	{NATIVE_PASSWORD, TRUST_NOBODY},
	{"client_ed25519", TRUST_NOBODY},
	{"parsec", TRUST_NOBODY},
	{CACHING_SHA2, TRUST_NOBODY},	/* begins with a challenge */
	{SHA256, TRUST_KEY},
};

/* The login in progress, and how it ended. */
static struct
{
	MYSQL	   *mysql;			/* NULL when there is none */
	const MariaOptions *opts;
	Trust		trust;
	bool		is_greeted;
	bool		is_cache_hit;
	Refusal		refusal;
	int			file_errno;
	char		plugin[NAMEDATALEN];
	char		key[MAX_PACKET];	/* the contents of the file, a string */
	unsigned char bytes[HEADER_SIZE + MAX_PACKET];
	size_t		filled;
}			login;

/* Must the library check a certificate before it sends anything? */
static bool
is_verified(const MariaOptions *opts)
{
	return !opts->socket && opts->ssl_mode >= SSL_MODE_VERIFY_CA;
}

/* Without a password there is nothing to protect. */
static Trust
trust_of(const MariaOptions *opts)
{
	if (opts->socket || is_verified(opts) || !opts->password ||
		opts->password[0] == '\0')
		return TRUST_SERVER;
	return opts->server_public_key ? TRUST_KEY : TRUST_NOBODY;
}

/*
 * Does the library check certificates only if a file or folder of authorities
 * is given?  From 3.4 on it otherwise accepts certificates that no authority
 * has signed, and requires another proof only in some of these cases (seen
 * with 3.4.10).
 */
static bool
needs_authority(const MariaOptions *opts)
{
	return is_verified(opts) && !opts->ssl_capath &&
		maria_library_version() >= MARIA_VERSION(3, 4, 0);
}

/* Returns the file of authorities, the system's own for none, or NULL. */
const char *
maria_authority_file(const MariaOptions *opts)
{
	if (opts->ssl_ca || !needs_authority(opts))
		return opts->ssl_ca;
	for (size_t i = 0; i < lengthof(system_authorities); i++)
		if (access(system_authorities[i], R_OK) == 0)
			return system_authorities[i];
	return NULL;
}

/*
 * Is the host one of the two texts for which the library does not compare the
 * names of the certificate?  Whoever owns the local port, or the remote end of
 * a tunnel, could present the certificate of any host.
 */
static bool
is_unchecked_host(const MariaOptions *opts)
{
	return is_verified(opts) && opts->ssl_mode == SSL_MODE_VERIFY_FULL &&
		maria_library_version() >= MARIA_VERSION(3, 4, 0) &&
		(strcmp(opts->host, "127.0.0.1") == 0 ||
		 strcmp(opts->host, "::1") == 0);
}

/*
 * With GnuTLS, up to 3.3, the library accepts every authority unless it
 * compares names (according to its source).
 */
static bool
is_unchecked_library(const MariaOptions *opts)
{
	const char *tls = NULL;

	mariadb_get_infov(NULL, MARIADB_TLS_LIBRARY, &tls);
	return is_verified(opts) && opts->ssl_mode == SSL_MODE_VERIFY_CA &&
		maria_library_version() < MARIA_VERSION(3, 4, 0) &&
		tls && strncmp(tls, "GnuTLS", strlen("GnuTLS")) == 0;
}

/* Shuts down the socket before the library can respond to what it has read. */
static void
refuse(Refusal refusal)
{
	login.refusal = refusal;
	mariadb_cancel(login.mysql);
}

/*
 * A key proves something only if TLS was not requested: with it the library
 * sends the password itself, even if the server has no TLS (seen with 3.1, 3.3
 * and 3.4).
 */
static Trust
present_trust(void)
{
	return login.trust == TRUST_KEY &&
		login.opts->ssl_mode != SSL_MODE_DISABLED ? TRUST_NOBODY : login.trust;
}

/* Must a connection without TLS be rejected? */
static bool
needs_tls(const MariaOptions *opts)
{
	return !opts->socket && opts->ssl_mode >= SSL_MODE_REQUIRED;
}

/* Checks an authentication method that the server requests. */
static void
begin_plugin(const char *name)
{
	strlcpy(login.plugin, name, sizeof(login.plugin));
	login.is_cache_hit = false;
	for (size_t i = 0; i < lengthof(plugins); i++)
	{
		if (strcmp(plugins[i].name, name) != 0)
			continue;
		if (present_trust() < plugins[i].needs)
			refuse(REFUSED_PASSWORD);
		return;
	}
	refuse(REFUSED_PLUGIN);
}

/* Reads the greeting as the library does; a byte 0 follows the packet. */
static void
read_greeting(const unsigned char *packet, size_t len)
{
	const unsigned char *end = packet + len;
	const unsigned char *at = packet + Min(len, 1);
	uint32		flags;

	at += strnlen((const char *) at, end - at) + 1;

	/*
	 * The library would treat this as a server before 4.1, with its weak
	 * hash.
	 */
	if (at + GREETING_END > end)
	{
		begin_plugin("mysql_old_password");
		return;
	}
	flags = at[GREETING_FLAGS_LOW] | at[GREETING_FLAGS_LOW + 1] << 8 |
		at[GREETING_FLAGS_HIGH] << 16 | (uint32) at[GREETING_FLAGS_HIGH + 1] << 24;

	/* The library would continue without TLS unless it compares names. */
	if (needs_tls(login.opts) && !(flags & CLIENT_SSL))
		refuse(REFUSED_PLAIN);
	else if (!(flags & CLIENT_PROTOCOL_41))
		begin_plugin("mysql_old_password");
	else if (!(flags & CLIENT_PLUGIN_AUTH))
		begin_plugin(NATIVE_PASSWORD);

	/* A shorter challenge ends within bytes that the library moves. */
	else if (at[GREETING_SCRAMBLE_LENGTH] < SCRAMBLE_SIZE)
		refuse(REFUSED_PACKET);
	else
	{
		at += GREETING_SCRAMBLE + at[GREETING_SCRAMBLE_LENGTH];
		begin_plugin(at < end ? (const char *) at : "");
	}
}

/* Is there a key where the library would look for one? */
static bool
has_key(const unsigned char *packet, size_t len)
{
	static const char begin[] = "-----BEGIN";

	for (size_t i = 0; i + strlen(begin) <= len; i++)
		if (memcmp(packet + i, begin, strlen(begin)) == 0)
			return true;
	return false;
}

static bool
is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Is it the key of the file, except for line ends? */
static bool
is_our_key(const unsigned char *packet, size_t len)
{
	const unsigned char *end = packet + len;
	const char *key = login.key;

	for (;;)
	{
		while (packet < end && is_space(*packet))
			packet++;
		while (is_space(*key))
			key++;
		if (packet == end || *key == '\0')
			return packet == end && *key == '\0';
		if (*packet++ != (unsigned char) *key++)
			return false;
	}
}

/* Is it one of the plugins that may send the password? */
static bool
sends_password(const char *plugin)
{
	return strcmp(plugin, CACHING_SHA2) == 0 || strcmp(plugin, SHA256) == 0;
}

/*
 * Checks what a plugin receives. caching_sha2_password has answered a
 * challenge; unless that was found in the server's cache, it sends the
 * password.
 */
static void
read_answer(const unsigned char *packet, size_t len)
{
	bool		is_caching = strcmp(login.plugin, CACHING_SHA2) == 0;

	if (present_trust() == TRUST_SERVER ||
		!sends_password(login.plugin))
		return;
	if (is_caching && len == 2 && packet[0] == PACKET_MORE &&
		packet[1] == CACHE_HIT)
		login.is_cache_hit = true;
	if (login.is_cache_hit)
		return;
	if (present_trust() == TRUST_NOBODY)
		refuse(REFUSED_PASSWORD);
	else if (has_key(packet, len) &&
			 !is_our_key(packet + (packet[0] == PACKET_MORE),
						 len - (packet[0] == PACKET_MORE)))
		refuse(REFUSED_KEY);
}

/* Checks a packet, which is followed by a byte 0. */
static void
read_packet(const unsigned char *packet, size_t len)
{
	unsigned char kind = len > 0 ? packet[0] : 0;

	if (kind == PACKET_ERROR)
		return;
	if (!login.is_greeted)
	{
		login.is_greeted = true;
		read_greeting(packet, len);
	}
	else if (kind != PACKET_SWITCH)
		read_answer(packet, len);
	else
		begin_plugin(len == 1 ? "mysql_old_password"
					 : (const char *) packet + 1);
}

/* Extracts a whole packet from what has arrived; false if there is none. */
static bool
take_packet(void)
{
	size_t		len;
	unsigned char behind;

	if (login.refusal || login.filled < HEADER_SIZE)
		return false;
	len = login.bytes[0] | login.bytes[1] << 8 | login.bytes[2] << 16;
	if (len >= MAX_PACKET)
	{
		refuse(REFUSED_PACKET);
		return false;
	}
	if (login.filled < HEADER_SIZE + len)
		return false;
	behind = login.bytes[HEADER_SIZE + len];
	login.bytes[HEADER_SIZE + len] = '\0';
	read_packet(login.bytes + HEADER_SIZE, len);
	login.bytes[HEADER_SIZE + len] = behind;
	login.filled -= HEADER_SIZE + len;
	memmove(login.bytes, login.bytes + HEADER_SIZE + len, login.filled);
	return true;
}

/* Called with what the library has read, before it looks at it. */
void
maria_watch_login(MYSQL *mysql, const unsigned char *bytes, ssize_t count)
{
	if (login.mysql == NULL || mysql != login.mysql)
		return;
	while (count > 0 && !login.refusal)
	{
		size_t		room = sizeof(login.bytes) - login.filled;
		size_t		part = Min((size_t) count, room);

		memcpy(login.bytes + login.filled, bytes, part);
		login.filled += part;
		bytes += part;
		count -= part;
		while (take_packet())
			;
	}
}

/*
 * Reads the server's key from its file, because the library might not.  Raises
 * no error, because connections that kill others are opened during cleanup.
 */
static bool
read_key(const char *path)
{
	int			fd = open(path, O_RDONLY | O_NONBLOCK | PG_BINARY, 0);
	ssize_t		len = -1;

	if (fd >= 0)
	{
		len = read(fd, login.key, sizeof(login.key) - 1);
		login.file_errno = errno;
		close(fd);
	}
	else
		login.file_errno = errno;
	if (len < 0)
		return false;
	login.key[len] = '\0';
	login.file_errno = 0;
	return strstr(login.key, "-----BEGIN PUBLIC KEY-----") != NULL;
}

/* Returns why a login must not even be tried, if there is a reason. */
static Refusal
refusal_at_once(const MariaOptions *opts)
{
	if (opts->ssl_mode != SSL_MODE_DISABLED && !opts->socket &&
		(is_verified(opts) || opts->ssl_ca || opts->ssl_capath) &&
		getenv(UNVERIFIED))
		return REFUSED_ENVIRONMENT;
	if (is_unchecked_host(opts))
		return REFUSED_HOST;
	if (is_unchecked_library(opts))
		return REFUSED_LIBRARY;
	if (needs_authority(opts) && maria_authority_file(opts) == NULL)
		return REFUSED_AUTHORITY;
	if (login.trust == TRUST_KEY && !read_key(opts->server_public_key))
		return REFUSED_FILE;
	return REFUSED_NOT;
}

/*
 * Logs in with the password; returns false with the error in mysql, or with
 * one of ours that maria_report_refusal reports.
 */
bool
maria_log_in(MYSQL *mysql, const MariaOptions *opts)
{
	char	   *no_version;
	MYSQL	   *opened;

	memset(&login, 0, sizeof(login));
	login.opts = opts;
	login.trust = trust_of(opts);
	login.refusal = refusal_at_once(opts);
	if (login.refusal)
		return false;
	mysql_optionsv(mysql, MARIADB_OPT_RESTRICTED_AUTH,
				   login.trust == TRUST_NOBODY ? CHALLENGES
				   : CHALLENGES "," SHA256);
	if (login.trust == TRUST_KEY)
		mysql_optionsv(mysql, MYSQL_SERVER_PUBLIC_KEY,
					   opts->server_public_key);

	/*
	 * The library looks into the version when a report of progress comes,
	 * even before any greeting has told one.  It frees this value if it
	 * fails, and replaces it by that of the greeting.
	 */
	mysql->server_version = no_version = strdup("");
	login.mysql = mysql;
	/* Name and password must not be NULL: the library would use $USER. */
	opened = mysql_real_connect(mysql, opts->socket ? NULL : opts->host,
								opts->username,
								opts->password ? opts->password : "",
								NULL, opts->port, opts->socket, 0);
	login.mysql = NULL;
	if (opened)
		free(no_version);
	return opened != NULL && login.refusal == REFUSED_NOT;
}

static char *
refusal_detail(void)
{
	const char *path = login.opts->server_public_key;
	char	   *plugin = maria_to_local(login.plugin, strlen(login.plugin), NULL);

	switch (login.refusal)
	{
		case REFUSED_PLUGIN:
			return psprintf("The server asks for authentication plugin \"%s\", which is not supported.",
							plugin);
		case REFUSED_PASSWORD:
			return psprintf("Authentication plugin \"%s\" sends the password, and nothing proves that the server receives it.",
							plugin);
		case REFUSED_KEY:
			return psprintf("The server's RSA public key is not the one in file \"%s\".",
							path);
		case REFUSED_FILE:
			if (login.file_errno == 0)
				return psprintf("File \"%s\" has no RSA public key in PEM format.",
								path);
			return psprintf("File \"%s\" could not be read: %s.", path,
							strerror(login.file_errno));
		case REFUSED_HOST:
			return psprintf("The client library libmariadb %s does not compare the names of a certificate with host \"%s\".",
							maria_client_version(), login.opts->host);
		case REFUSED_AUTHORITY:
			return pstrdup("No certificate authorities were found on this system.");
		case REFUSED_ENVIRONMENT:
			return psprintf("Environment variable %s of the PostgreSQL server turns off the verification of certificates.",
							UNVERIFIED);
		case REFUSED_LIBRARY:
			return psprintf("The client library libmariadb %s with GnuTLS does not check who has signed a certificate, unless it compares names.",
							maria_client_version());
		default:
			return pstrdup("The server sent a packet that does not belong to a login.");
	}
}

static const char *
refusal_hint(void)
{
	switch (login.refusal)
	{
		case REFUSED_PLUGIN:
			return "Supported are " NATIVE_PASSWORD ", ed25519, parsec, " CACHING_SHA2 " and " SHA256 ".";
		case REFUSED_PASSWORD:
			if (login.trust == TRUST_KEY)
				return "Option \"server_public_key\" is used on connections without TLS: set \"ssl_mode\" to \"disabled\", or to \"verify_full\" with \"ssl_ca\".";
			return "Set \"ssl_mode\" to \"verify_full\" and \"ssl_ca\" to the server's certificate authority, or \"ssl_mode\" to \"disabled\" and \"server_public_key\" to a file with the server's RSA public key, or connect through \"socket\".";
		case REFUSED_KEY:
			return "If the server has a new key, save it to the file. Otherwise another server has answered.";
		case REFUSED_HOST:
			return "Set \"host\" to a name that the certificate has, such as \"localhost\", or \"ssl_mode\" to \"verify_ca\", which compares no names.";
		case REFUSED_LIBRARY:
			return "Set \"ssl_mode\" to \"verify_full\".";
		case REFUSED_AUTHORITY:
			return "Set \"ssl_ca\" to the server's certificate authority.";
		default:
			return NULL;
	}
}

/* Returns a hint for a login that the server has denied, or NULL. */
const char *
maria_denial_hint(void)
{
	if (login.trust != TRUST_KEY || login.is_cache_hit ||
		!sends_password(login.plugin))
		return NULL;
	return "If the password is right, the server has no RSA key, or not the one in the file of option \"server_public_key\".";
}

/*
 * Raises the error that the server does not support TLS, which was requested.
 */
void
maria_report_no_tls(MariaConn *conn)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION),
			 errmsg("server \"%s\" does not support TLS",
					conn->server_name),
			 errhint("Enable TLS on the server, or set option \"ssl_mode\" to \"preferred\".")));
}

/* Raises the reason why we ended the login that has just failed, if we did. */
void
maria_report_refusal(MariaConn *conn)
{
	const char *hint = refusal_hint();

	if (login.refusal == REFUSED_NOT)
		return;
	if (login.refusal == REFUSED_PLAIN)
		maria_report_no_tls(conn);
	ereport(ERROR,
			(errcode(ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION),
			 errmsg("could not connect to server \"%s\"",
					conn->server_name),
			 errdetail("%s", refusal_detail()),
			 hint ? errhint("%s", hint) : 0));
}
