/* What of a job is on disk: its folder, made, read at the end and deleted; not who waits for it. */
#ifndef RH_HOST_DAEMON_PROCESS_FOLDER_H
#define RH_HOST_DAEMON_PROCESS_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/buf.h>
#include <ringhost/service/process.h>

#include "host/exec/jobdir.h"

#define PROCESS_PATH_MAX  4096u
#define PROCESS_OWNER_MAX 64u
#define PROCESS_CWD_NAME  "work"  /* the job's own folder, below the one with the record */
#define PROCESS_GONE_NAME ".gone" /* in jobs/: folders collected, not yet deleted */
#define PROCESS_DEPTH_MAX 64      /* folders within folders that are deleted */

/* How a job ended, with the bytes that struct rh_process_exit borrows. Zero before use. */
struct process_end {
    struct rh_process_exit exit;
    struct rh_buf output;
    struct rh_buf errors;
    char message[1024];
    char reason[32];
    char limits[EXEC_LIMITS_BYTES_MAX + 1];
};

/* jobs/<owner> or jobs/<owner>/<key> (key not NULL) below root into path[PROCESS_PATH_MAX]. RH_OK,
 * or RH_EINVAL for names that are not [A-Za-z0-9._-]+, are "." or "..", or too long. */
int32_t process_folder_path(char *path, const char *root, const char *owner, const char *key);

/* Make the folder (and its parents) with mode 0700. RH_OK, RH_EEXISTS, RH_ENOSPACE, RH_EIO. */
int32_t process_folder_make(const char *path);

/* Write the job description. default_path and home are for an env without PATH and HOME. RH_OK,
 * RH_EINVAL, RH_ENOMEM, RH_ENOSPACE, RH_EIO. */
int32_t process_folder_describe(const char *path, const struct rh_process_spec *spec,
                                const char *default_path, const char *home);

/* What the folder says: is_over: the record is there; is_running: a ringhost-exec lives. RH_OK,
 * RH_ENOTFOUND, RH_EIO. */
int32_t process_folder_look(const char *path, bool *is_over, bool *is_running);

/* Fill *end. Without a record the job is "lost", or "killed" if was_killed and the program never
 * began; no ringhost-exec can begin it any more afterwards, and the program's process group is
 * killed. Never fails: what cannot be read is told in the message. */
void process_folder_collect(const char *path, bool was_killed, struct process_end *end);
void process_end_release(struct process_end *end);

/* Open a pidfd for the folder's ringhost-exec, checked against its recorded start time; -1 if there
 * is none (any more, or yet). A zombie counts as there. */
int process_folder_pidfd(const char *path);

/* Put the folder out of sight in root/jobs/.gone at once, then delete it. Whatever cannot be
 * deleted now is deleted by process_folder_sweep. */
void process_folder_remove(const char *root, const char *path);

/* Make root/jobs and delete what process_folder_remove left. RH_OK, RH_EIO. */
int32_t process_folder_sweep(const char *root);

/* process_files.c. Move the files that a job is given from root/files/<owner> into its own folder,
 * and write those that are given as bytes. RH_OK, RH_EINVAL (no plain file, two of one name),
 * RH_ENOTFOUND, RH_ENOSPACE, RH_EIO. */
int32_t process_files_place(const char *root, const char *owner, const char *path,
                            const struct rh_process_spec *spec);
/* The other way: one plain file, not linked from elsewhere. Codes as above. */
int32_t process_files_take(const char *root, const char *owner, const char *path, const char *name,
                           const char *to);
/* Append a plain file of the job's own folder, whole. RH_ETOOLARGE above max; codes as above, or
 * the buffer's. */
int32_t process_files_read(const char *path, const char *name, uint32_t max, struct rh_buf *out);

/* Append bytes of the folder's stdout from offset on, at most max. RH_OK, RH_ENOTFOUND, RH_EIO, or
 * the buffer's. */
int32_t process_folder_output(const char *path, int64_t offset, uint64_t max, struct rh_buf *out);

#endif
