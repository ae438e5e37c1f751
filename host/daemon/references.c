/* temporary */
#include "host/daemon/references.h"
int32_t references_routes(const struct body *body, struct rh_buf *out) { (void)body; (void)out; return 70; }
int32_t references_docs(const struct body *body, const char *what, struct rh_buf *out, struct rh_buf *said) { (void)body; (void)what; (void)out; (void)said; return 70; }
