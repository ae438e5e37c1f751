/* What a work item says of a file that it needs: "NAME=SHA256" or "NAME=SHA256:MODE", where NAME
 * may be FOLDER/NAME, for the queue that takes it and the worker that fetches it. Pure. */
#ifndef RH_SDK_WORK_INPUT_H
#define RH_SDK_WORK_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/sha256.h>
#include <ringhost/types.h>

#define RH_WORK_FILE_NAME_MAX  128u /* bytes of a name in the job's folder */
#define RH_WORK_INPUT_NAME_MAX (2u * RH_WORK_FILE_NAME_MAX + 1u) /* FOLDER/NAME */

struct rh_work_input {
    char name[RH_WORK_INPUT_NAME_MAX + 1]; /* NAME, or FOLDER/NAME */
    unsigned char digest[RH_SHA256_SIZE];
    uint32_t mode; /* permission bits */
};

/* Whether a file of a job may have this name: [A-Za-z0-9._-]{1,128}, no dot first. [any] */
bool rh_work_file_name_is_good(struct rh_str name);

/* Three or four octal digits without write permission may follow; else the mode is 0444. RH_EINVAL:
 * it is not of that form, and *out is not written. [any] */
int32_t rh_work_input_parse(struct rh_str text, struct rh_work_input *out);

#endif
