/* A leader and its workers: their shared state and interface. */
#ifndef MARIADB_FDW_WORKERS_H
#define MARIADB_FDW_WORKERS_H

#include "transfer/transfer.h"

#include "storage/dsm.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"
#include "storage/spin.h"

#define MARIA_WORKERS_MAGIC 0x6d617264
#define MAX_WORKERS 64

/* Identifies a snapshot, as far as MariaDB reports it. */
#define SNAPSHOT_TEXT_LENGTH 512
typedef struct MariaSnapshot
{
	char		host[SNAPSHOT_TEXT_LENGTH]; /* that of one server, not of
											 * several */
	char		file[SNAPSHOT_TEXT_LENGTH]; /* '' = unknown */
	char		position[32];
} MariaSnapshot;

typedef enum WorkerOrder
{
	ORDER_WAIT,
	ORDER_WORK,
	ORDER_STOP					/* after the current work */
} WorkerOrder;

typedef struct MariaWorker
{
	PGPROC	   *proc;			/* NULL until it has started */
	int			round;			/* of its current snapshot */
	MariaSnapshot snapshot;
} MariaWorker;

/* In shared memory; what changes is guarded by the mutex. */
typedef struct MariaWorkers
{
	Oid			database;
	Oid			login;			/* user of the session */
	Oid			user;			/* whose privileges are checked */
	Oid			serverid;
	int64		run;
	int			size;
	PGPROC	   *leader;
	pg_atomic_uint64 rejected;
	slock_t		mutex;
	WorkerOrder order;
	int			round;			/* of snapshots that the leader requests */
	MariaWorker slots[MAX_WORKERS];
} MariaWorkers;

/* Keys of the shared memory's table of contents. */
enum
{
	WORKERS_KEY_STATE,
	WORKERS_KEY_SETTINGS,
	WORKERS_KEY_LIBRARIES,
	WORKERS_KEY_QUEUE			/* and one more for each worker */
};

/* snapshot.c */
extern MariaSnapshot *maria_take_snapshot(Oid serverid);
extern bool maria_is_host_of(MariaConn *conn, const MariaSnapshot *snapshot);
extern bool maria_is_same_snapshot(const MariaSnapshot *a, const MariaSnapshot *b,
								   bool by_log);
extern char *maria_snapshot_gtid(Oid serverid, const MariaSnapshot *snapshot);

/* binlog.c */
extern const char *maria_log_gap(MariaConn *conn, bool *no_filters);
extern bool maria_read_log_place(MariaConn *conn, MariaSnapshot *snapshot,
								 char **gtid);
extern uint64 maria_next_transaction(MariaConn *conn);

/* worker.c */
extern PGDLLEXPORT void maria_worker_main(Datum arg);

/* leader.c */
extern MariaWorkers *maria_workers(void);
extern void maria_wake_workers(void);
extern void maria_listen_to_workers(void);
extern bool maria_workers_have_answered(void);
extern bool maria_worker_has_ended(int number);
extern int	maria_count_workers(void);

/* lock.c */
extern void maria_lock_worker(int64 run, Oid user);

/* ledger.c */
extern void maria_run_chunk(int64 run, const char *table_name, int number);

#endif							/* MARIADB_FDW_WORKERS_H */
