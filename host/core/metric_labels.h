/* Labels of metrics: "k=v,k2=v2" as the text between the braces, the same for every order. Not the
 * metrics. */
#ifndef RH_HOST_CORE_METRIC_LABELS_H
#define RH_HOST_CORE_METRIC_LABELS_H

#include <stdbool.h>

#include <ringhost/sdk/buf.h>

/* Appends plugin="x",k="v" with keys in order and values escaped. plugin or labels may be NULL;
 * their rules are at metrics_get. RH_OK, RH_EINVAL (buf unchanged), or buf->rc. [any] */
int32_t metric_labels_write(const char *plugin, const char *labels, struct rh_buf *buf);

/* Appends text with backslash and newline escaped, in label values (is_quoted) also the quote.
 * Errors stick to buf. [any] */
void metric_text_escape(struct rh_buf *buf, struct rh_str text, bool is_quoted);

/* [a-z_][a-z0-9_]* of at most METRICS_NAME_MAX bytes. [any] */
bool metric_word_is_valid(struct rh_str word);

#endif
