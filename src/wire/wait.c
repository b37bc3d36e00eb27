/*
 * How does a backend wait for MariaDB and still hear a cancel?
 *
 * libmariadb calls maria_wait_for_server whenever a socket would block.  It
 * must not raise an error there, since the library's frames lie between it
 * and our callers: it returns -1, the library fails the call, and the error
 * path lets the pending interrupt speak.
 */
#include "postgres.h"

#include <fcntl.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "storage/procsignal.h"
#include "utils/timestamp.h"

#include "wire/client.h"

/* So long a statement that is given up may keep us waiting, in ms. */
#define ENDING_WAIT 20

/* The hook has no user argument: this is how long it waits now. */
static MariaPatience patience = {0, NULL};

/*
 * Registering a socket anew for each wait costs more than the wait itself, so
 * the one that rows are read from stays registered while they come.
 */
static WaitEventSet *reading_set = NULL;
static my_socket reading_socket = -1;

/* Begins the reading of rows; ended before the socket can be closed. */
void
maria_begin_reading(my_socket fd)
{
	maria_end_reading();
	reading_set = maria_create_wait_set(3);
	AddWaitEventToSet(reading_set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch,
					  NULL);
	AddWaitEventToSet(reading_set, WL_POSTMASTER_DEATH, PGINVALID_SOCKET, NULL,
					  NULL);
	AddWaitEventToSet(reading_set, WL_SOCKET_READABLE, fd, NULL, NULL);
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

/*
 * Bounds all waits from now on; a statement of the connection to be ended is
 * killed once it makes us wait.  Returns what to go back to.
 */
MariaPatience
maria_set_patience(int seconds, MariaConn *ending)
{
	MariaPatience old = patience;

	patience.deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													(int64) seconds * 1000);
	patience.ending = ending;
	return old;
}

void
maria_restore_patience(MariaPatience old)
{
	patience = old;
}

/* Forgets a bound on waits that an error has left behind. */
void
maria_reset_waits(void)
{
	patience.deadline = 0;
	patience.ending = NULL;
}

/* TLS reads and writes block inside the library unless the socket does not. */
void
maria_set_nonblocking(my_socket fd)
{
	int			flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && !(flags & O_NONBLOCK))
		(void) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* Returns milliseconds until the deadline, at least 0, or -1 for ever. */
static long
time_left(void)
{
	if (patience.deadline == 0)
		return -1;
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
										   patience.deadline);
}

/* Waits once; returns the events that came. */
static int
wait_once(my_socket fd, bool is_read, long timeout)
{
	int			wanted = WL_LATCH_SET | WL_POSTMASTER_DEATH;
	WaitEvent	event;

	if (is_read && fd == reading_socket)
		return WaitEventSetWait(reading_set, timeout, &event, 1,
								PG_WAIT_EXTENSION) == 0
			? WL_TIMEOUT : (int) event.events;

	wanted |= is_read ? WL_SOCKET_READABLE : WL_SOCKET_WRITEABLE;
	if (timeout >= 0)
		wanted |= WL_TIMEOUT;
	return WaitLatchOrSocket(MyLatch, wanted, fd, timeout, PG_WAIT_EXTENSION);
}

static bool
is_to_end(my_socket fd)
{
	return patience.ending && fd == mysql_get_socket(patience.ending->mysql);
}

/*
 * Waits until the socket is ready: 1, or 0 after the deadline, or -1 when the
 * backend has to stop.  The library's own timeout is ignored: under TLS it
 * comes in another unit, and we set none.
 */
int
maria_wait_for_server(my_socket fd, my_bool is_read, int timeout)
{
	if (patience.deadline != 0)
		maria_set_nonblocking(fd);	/* from the greeting on, so for TLS too */

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
			if (!maria_kill(patience.ending, true))
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
