/* The body of a request that is given as JSON, with further options that change it; it sends
 * nothing. */
#ifndef RH_HOST_CTL_MERGED_H
#define RH_HOST_CTL_MERGED_H

#include "host/ctl/args.h"

/* The object of --option, or an empty one, with the command's other options put in; objects within
 * are merged. For cJSON_free. NULL without memory, or when a text is no object. [any] */
char *merged_body(const struct args *args, const char *option);

#endif
