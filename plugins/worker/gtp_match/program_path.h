/* Finds the file of an engine's program, also where Debian keeps games; it starts nothing. */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_PROGRAM_PATH_H
#define RH_PLUGINS_WORKER_GTP_MATCH_PROGRAM_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define PROGRAM_PATH_BYTES   4096
#define PROGRAM_LOOKED_BYTES 4096

/* A name with a slash is taken as it is; any other is looked up in the folders of path_variable
 * (the value of PATH; may be NULL; an empty entry is skipped), then /usr/games and
 * /usr/local/games. True: out (PROGRAM_PATH_BYTES) names an executable regular file. False: looked
 * (PROGRAM_LOOKED_BYTES) says where it was searched, cut if need be. Reads the file system. */
bool program_path_find(const char *program, const char *path_variable, char *out, char *looked);

/* The same for a program that runs in this folder (absolute, below PROGRAM_PATH_BYTES): a name with
 * a slash that does not begin with one is meant from there. */
bool program_path_find_in(const char *folder, const char *program, const char *path_variable,
                          char *out, char *looked);

/* Whether a path is that of a regular file that this user may not execute. Reads the file system.
 */
bool program_path_is_unexecutable(const char *path);

#endif
