/* Makes the target and the body of a request from the options of a command; it sends nothing. */
#ifndef RH_HOST_CTL_REQUEST_H
#define RH_HOST_CTL_REQUEST_H

#include "host/ctl/args.h"

#include <ringhost/sdk/json_writer.h>

/* Appends the command's path and, for GET, its options as a query. [any] Errors stay in target. */
void request_target(const struct args *args, struct rh_buf *target);

/* Writes the members of the body: one for each option with a field that was given. [any] */
void request_members(const struct args *args, struct rh_json_writer *w);

/* Appends the whole body, "{}" at least. [any] RH_OK, RH_ENOMEM, RH_ETOOLARGE. */
int32_t request_body(const struct args *args, struct rh_buf *body);

#endif
