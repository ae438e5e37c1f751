/* Words as a remote login shell reads them back unchanged; it runs nothing. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_QUOTE_H
#define RH_PLUGINS_SSH_TOURNAMENT_QUOTE_H

#include <ringhost/sdk/buf.h>

/* Appends one word so that sh, bash, dash, ksh, zsh, fish, and, if it has no line feed, csh and
 * tcsh take it for exactly these bytes: plain where it is harmless, else in single quotes; quotes,
 * backslashes and exclamation marks outside of them, because fish reads backslashes within, and csh
 * looks into its history. RH_EINVAL, nothing appended: a NUL byte, which no argument can have.
 * Else out->rc. [any] */
int32_t quote_word(struct rh_str word, struct rh_buf *out);

/* The same for words with one blank between. [any] */
int32_t quote_words(const struct rh_str_list *words, struct rh_buf *out);

#endif
