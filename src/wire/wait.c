/*
 * How does a backend wait for MariaDB and still respond to a cancel?
 *
 * libmariadb calls maria_wait_for_server whenever a socket would block.  It
 * must not raise an error there, since the library's frames lie between it and
 * our callers: it returns -1, the library fails the call, and the error path
 * processes the pending interrupt.  A peer that keeps sending never makes us
 * wait, so the time limit is also checked after each read.
 */
#include "postgres.h"

#include <fcntl.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "storage/procsignal.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "wire/client.h"

/* How long we may wait for a statement that is being killed, in ms. */
#define ENDING_WAIT 20

/* The limit of a wait that cannot be interrupted and has no other limit. */
#define HELD_WAIT 1000

/* How long an interrupt may be pending while bytes keep arriving, in ms. */
#define UNSERVED_WAIT 500

/* The hook has no user argument: this is its current time limit. */
static MariaPatience patience = {0, NULL};

/*
 * Registering a socket for each wait costs more than the wait itself, so the
 * one that rows are read from stays registered.
 */
static WaitEventSet *reading_set = NULL;
static my_socket reading_socket = -1;

/* Any other wait registers its socket for itself. */
static WaitEventSet *passing_set = NULL;

/*
 * Kills a statement; set by a higher file, because waits are below
 * connections.
 */
static MariaKill kill_statement = NULL;

/* An error that was raised while the library waited, to be raised again. */
static ErrorData *wait_error = NULL;

/* When the cleanup after a failed transaction must be complete; 0 = none. */
static TimestampTz cleanup_deadline = 0;

/*
 * Since when an interrupt is pending that would end the statement; 0 = none.
 */
static TimestampTz unserved_since = 0;

/* Exported by the library, but declared in a header that is not installed. */
extern int	ma_pvio_register_callback(my_bool on,
									  void (*callback) (int mode, MYSQL *mysql,
														const unsigned char *buffer,
														size_t length));

/*
 * Creates the set of events that end a wait, which the caller frees even if
 * this fails half-way.  It belongs to no resource owner: a wait may occur
 * while the current one is being released.
 */
static void
make_wait_set(WaitEventSet **made, my_socket fd, uint32 socket_event)
{
	WaitEventSet *set = maria_create_wait_set(3);

	*made = set;
	AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	/* A single-user backend has no postmaster. */
	if (IsUnderPostmaster)
		AddWaitEventToSet(set, WL_POSTMASTER_DEATH, PGINVALID_SOCKET, NULL,
						  NULL);
	AddWaitEventToSet(set, socket_event, fd, NULL, NULL);
}

/* Begins the reading of rows; ended before the socket can be closed. */
void
maria_begin_reading(my_socket fd)
{
	maria_end_reading();
	make_wait_set(&reading_set, fd, WL_SOCKET_READABLE);
	reading_socket = fd;
}

void
maria_end_reading(void)
{
	if (reading_set)
		FreeWaitEventSet(reading_set);
	reading_set = NULL;
	reading_socket = -1;
}

static bool
is_held(void)
{
	return InterruptHoldoffCount > 0 || CritSectionCount > 0;
}

/*
 * Limits the total time of waits from now on, within an earlier limit; a
 * statement of the connection to be ended is killed once we have to wait for
 * it.  Returns the former limit, which the caller must restore whatever
 * happens.  The cleanup after a failed transaction has one limit, on however
 * many connections.
 */
MariaPatience
maria_set_patience(int milliseconds, MariaConn *ending)
{
	MariaPatience old = patience;
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													   milliseconds);

	if (!is_held())
		cleanup_deadline = 0;
	else if (cleanup_deadline == 0)
		cleanup_deadline = deadline;
	else
		deadline = Min(deadline, cleanup_deadline);
	if (old.deadline == 0 || deadline < old.deadline)
		patience.deadline = deadline;
	patience.ending = ending;
	return old;
}

void
maria_restore_patience(MariaPatience old)
{
	patience = old;
}

/* The same for the layers above: returns the former limit. */
int64
maria_bound_waits(int milliseconds)
{
	return maria_set_patience(milliseconds, NULL).deadline;
}

void
maria_restore_bound(int64 deadline)
{
	patience.deadline = deadline;
}

/* Removes a limit of waits that an error has left after. */
void
maria_reset_waits(void)
{
	patience.deadline = 0;
	patience.ending = NULL;
	cleanup_deadline = 0;
	if (wait_error)
		FreeErrorData(wait_error);
	wait_error = NULL;
}

/* Raises the reason why a wait ended, if only we know it. */
void
maria_check_wait(void)
{
	ErrorData  *error = wait_error;

	CHECK_FOR_INTERRUPTS();
	wait_error = NULL;
	if (error)
		ReThrowError(error);
}

/*
 * TLS reads and writes block inside the library unless the socket is
 * non-blocking.
 */
void
maria_set_nonblocking(my_socket fd)
{
	int			flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && !(flags & O_NONBLOCK))
		(void) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* Has the current limit of waits expired? */
bool
maria_is_out_of_time(void)
{
	return patience.deadline != 0 && GetCurrentTimestamp() >= patience.deadline;
}

/* Returns milliseconds until the deadline, at least 0, or -1 for no limit. */
static long
time_left(void)
{
	if (patience.deadline == 0)
		return is_held() ? HELD_WAIT : -1;
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
										   patience.deadline);
}

/*
 * Has an interrupt been pending too long that can only be processed after the
 * library returns?
 */
static bool
is_unserved(void)
{
	TimestampTz now;

	if (!maria_interrupt_is_final())
	{
		unserved_since = 0;
		return false;
	}
	now = GetCurrentTimestamp();
	if (unserved_since == 0)
		unserved_since = now;
	return TimestampDifferenceExceeds(unserved_since, now, UNSERVED_WAIT);
}

/* Must the library's current call end?  The arguments are not used. */
static int
is_over(my_socket fd, bool is_read)
{
	return maria_is_out_of_time() || is_unserved();
}

static void
free_passing_set(void)
{
	if (passing_set)
		FreeWaitEventSet(passing_set);
	passing_set = NULL;
}

/*
 * Runs a callback of the library.  An error must not propagate through the
 * library's frames: it is kept for maria_check_wait, and -1 is returned.
 */
static int
run_guarded(int (*function) (my_socket fd, bool is_read), my_socket fd,
			bool is_read)
{
	MemoryContext context = CurrentMemoryContext;
	uint32		holdoff = InterruptHoldoffCount;
	uint32		cancel_holdoff = QueryCancelHoldoffCount;
	volatile int result = -1;

	PG_TRY();
	{
		result = function(fd, is_read);
	}
	PG_CATCH();
	{
		InterruptHoldoffCount = holdoff;
		QueryCancelHoldoffCount = cancel_holdoff;
		MemoryContextSwitchTo(TopMemoryContext);
		if (wait_error)
			FreeErrorData(wait_error);
		wait_error = CopyErrorData();
		FlushErrorState();
		MemoryContextSwitchTo(context);
		free_passing_set();
		errno = EIO;
	}
	PG_END_TRY();
	return result;
}

/*
 * Called after each read: disconnects a peer that sends for too long, or
 * requests in a login what it must not receive.
 */
static void
look_at_read(int mode, MYSQL *mysql, const unsigned char *buffer, size_t length)
{
	if (mode == 0)
		maria_watch_login(mysql, buffer, (ssize_t) length);
	if (maria_is_ours(mysql) && run_guarded(is_over, -1, true) != 0)
		mariadb_cancel(mysql);
}

/*
 * Makes the library call us whenever it waits for a server, or reads.  Killing
 * a statement opens another connection, which waits as well.
 */
void
maria_watch_waits(MYSQL *mysql, MariaKill kill)
{
	static bool is_registered = false;

	kill_statement = kill;
	mysql_optionsv(mysql, MARIADB_OPT_IO_WAIT, maria_wait_for_server);
	if (!is_registered)
		ma_pvio_register_callback(true, look_at_read);
	is_registered = true;
}

/* Waits once; returns the events that occurred. */
static int
wait_once(my_socket fd, bool is_read, long timeout)
{
	bool		is_reading = is_read && fd == reading_socket;
	WaitEvent	event;
	int			count;

	if (!is_reading)
		make_wait_set(&passing_set, fd, is_read ? WL_SOCKET_READABLE
					  : WL_SOCKET_WRITEABLE);
	count = WaitEventSetWait(is_reading ? reading_set : passing_set, timeout,
							 &event, 1, PG_WAIT_EXTENSION);
	free_passing_set();
	return count == 0 ? WL_TIMEOUT : (int) event.events;
}

static bool
is_to_end(my_socket fd)
{
	return patience.ending && fd == mysql_get_socket(patience.ending->mysql);
}

static int
wait_until_ready(my_socket fd, bool is_read)
{
	for (;;)
	{
		bool		is_ending = is_to_end(fd);
		int			events;

		if (maria_interrupt_is_final())
			break;
		if (ProcSignalBarrierPending)
			ProcessProcSignalBarrier();

		events = wait_once(fd, is_read, is_ending ? ENDING_WAIT : time_left());
		if (events & WL_POSTMASTER_DEATH)
			break;
		if (events & (WL_SOCKET_READABLE | WL_SOCKET_WRITEABLE))
			return 1;
		if (events & WL_LATCH_SET)
			ResetLatch(MyLatch);
		else if (is_ending)
		{
			if (!kill_statement(patience.ending, true))
				break;
			patience.ending = NULL;
		}
		else if (events & WL_TIMEOUT)
		{
			errno = ETIMEDOUT;
			return 0;
		}
	}

	errno = EINTR;
	return -1;
}

/*
 * Waits until the socket is ready: 1, or 0 after the deadline, or -1 when the
 * backend has to stop.  The library's own timeout is ignored: with TLS it is
 * passed in another unit, and we set none.
 */
int
maria_wait_for_server(my_socket fd, my_bool is_read, int timeout)
{
	if (patience.deadline != 0)
		maria_set_nonblocking(fd);	/* set from the greeting on, so it covers
									 * TLS */
	return run_guarded(wait_until_ready, fd, is_read);
}
