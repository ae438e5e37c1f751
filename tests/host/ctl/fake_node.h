/* A node that is a thread of the test: takes connections on 127.0.0.1 one by one, keeps what was
 * asked and answers from a script. */
#ifndef RH_TESTS_HOST_CTL_FAKE_NODE_H
#define RH_TESTS_HOST_CTL_FAKE_NODE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define FAKE_SCRIPT_MAX  16u
#define FAKE_REQUEST_MAX 65536u

struct fake_step {
    const char *reply;  /* all bytes of the answer; NULL: nothing is sent */
    bool is_held;       /* stays open until the other side closes */
    bool is_cut_in_two; /* sent in two pieces */
};

struct fake_node {
    int listen_fd;
    uint16_t port;
    char address[32]; /* "127.0.0.1:PORT" */
    const struct fake_step *steps;
    uint32_t step_count;
    char requests[FAKE_SCRIPT_MAX][FAKE_REQUEST_MAX];
    uint32_t request_count; /* read after fake_node_stop */
    void (*before)(void);   /* runs before each answer; NULL = nothing */
    pthread_t thread;
};

/* steps are borrowed until fake_node_stop. Asserts that it could be started. */
struct fake_node *fake_node_start(const struct fake_step *steps, uint32_t step_count);
/* The same; before runs on the node's thread. */
struct fake_node *fake_node_start_with(const struct fake_step *steps, uint32_t step_count,
                                       void (*before)(void));
/* Waits until the script has been played or nothing waits any more. */
void fake_node_stop(struct fake_node *node);
void fake_node_free(struct fake_node *node);

/* An address where nobody listens. */
void fake_closed_address(char address[32]);

/* A good reply that ends with the connection. */
#define FAKE_OK(body) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" body

/* A reply with a JSON body that ends with the connection. */
#define FAKE_JSON(status, body) \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body

#endif
