/*
 * A leader and its workers: what they share, and what each may ask.
 */
#ifndef MARIADB_FDW_TEAM_H
#define MARIADB_FDW_TEAM_H

#include "transfer/transfer.h"

#include "storage/dsm.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "storage/spin.h"

#define MARIA_TEAM_MAGIC 0x6d617264
#define MAX_WORKERS 64

/* Says which moment a snapshot is of, as far as MariaDB tells. */
#define MOMENT_LENGTH 512
typedef struct MariaMoment
{
	char		host[MOMENT_LENGTH];	/* that of one server, not of several */
	char		file[MOMENT_LENGTH];	/* of the binary log, '' = not known */
	char		position[32];
} MariaMoment;

typedef enum TeamOrder
{
	TEAM_WAIT,
	TEAM_WORK,
	TEAM_STOP					/* after what is in hand */
} TeamOrder;

typedef struct MariaMember
{
	PGPROC	   *proc;			/* NULL until it is there */
	int			round;			/* of the snapshot that it has */
	MariaMoment moment;
} MariaMember;

/* In shared memory; what changes is guarded by the mutex. */
typedef struct MariaTeam
{
	Oid			database;
	Oid			login;			/* user of the session */
	Oid			user;			/* whose rights count */
	Oid			serverid;
	int64		run;
	int			size;
	PGPROC	   *leader;
	pg_atomic_uint64 rejected;
	slock_t		mutex;
	TeamOrder	order;
	int			round;			/* of snapshots that the leader asks for */
	MariaMember members[MAX_WORKERS];
} MariaTeam;

/* Keys of the shared memory's table of contents. */
enum
{
	TEAM_KEY_TEAM,
	TEAM_KEY_SETTINGS,
	TEAM_KEY_LIBRARIES,
	TEAM_KEY_QUEUE				/* and one more for each member */
};

/* moment.c */
extern MariaMoment *maria_take_moment(Oid serverid);
extern bool maria_is_host_of(MariaConn *conn, const MariaMoment *moment);
extern bool maria_same_moment(const MariaMoment *a, const MariaMoment *b,
							  bool by_log);
extern char *maria_moment_gtid(Oid serverid, const MariaMoment *moment);

/* binlog.c */
extern const char *maria_log_gap(MariaConn *conn, bool *no_filters);
extern bool maria_read_log_place(MariaConn *conn, MariaMoment *moment,
								 char **gtid);
extern uint64 maria_next_transaction(MariaConn *conn);

/* worker.c */
extern PGDLLEXPORT void maria_worker_main(Datum arg);

/* team.c */
extern MariaTeam *maria_team(void);
extern void maria_team_wake(void);
extern void maria_team_listen(void);
extern bool maria_team_has_answered(void);
extern bool maria_team_is_gone(int number);
extern int	maria_team_present(void);

/* lock.c */
extern void maria_lock_worker(int64 run, Oid user);

/* ledger.c */
extern void maria_run_chunk(int64 run, const char *table_name, int number);

#endif							/* MARIADB_FDW_TEAM_H */
