/* Reads what options name: files, standard input, token files. It sends nothing. */
#ifndef RH_HOST_CTL_INPUT_H
#define RH_HOST_CTL_INPUT_H

#include <stdio.h>

#include "host/ctl/args.h"
#include "host/ctl/client.h"

#define INPUT_MAX       (16u * 1024u * 1024u)
#define INPUT_TEXTS_MAX 8u

/* Texts that were read; they live as long as the options that point at them. */
struct input {
    struct rh_buf texts[INPUT_TEXTS_MAX];
    uint32_t count;
};

void input_init(struct input *input);
void input_release(struct input *input);

/* Puts the text of @FILE, or of standard input for "-", in the place of each OPTION_JSON value and
 * checks that it is one JSON object. RH_OK; RH_EINVAL with the reason appended to why. */
int32_t input_resolve(struct input *input, struct args *args, FILE *in, struct rh_buf *why);

/* The token in a file: its first line that is neither empty nor a comment (#). The line is the
 * token alone, or a line of the host's token file, NAME SCOPES TOKEN [NODE_ID]. A file that group
 * or others may read is refused. RH_OK; RH_EINVAL with the reason appended to why. */
int32_t input_token(struct rh_str path, char token[CLIENT_TOKEN_SIZE], struct rh_buf *why);

/* Visible ASCII characters only, so that it can stand in a header. */
bool input_is_token(struct rh_str text);

#endif
