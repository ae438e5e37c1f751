/* distributed_hosts.yaml as the reference system writes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/inventory.h"

static const char sample[] = "# machines\n"
                             "p2p_voters: [alpha, beta]\n"
                             "sync_interval: 60\n"
                             "hosts:\n"
                             "  alpha:\n"
                             "    ssh_host: 10.0.0.5\n"
                             "    ssh_port: 2222\n"
                             "    ssh_key: ~/.ssh/id\n"
                             "    role: coordinator\n"
                             "    cpus: 32\n"
                             "    memory_gb: 251.6\n"
                             "    gpu: 4090\n"
                             "    gpu_vram_gb: 24\n"
                             "    nat_blocked: no\n"
                             "    relay_capable: yes\n"
                             "    notes: $fast\n"
                             "  beta:\n"
                             "    ssh_host: beta.example.org\n"
                             "    is_ephemeral: true\n"
                             "    training_enabled: false\n"
                             "    gpu: null\n"
                             "    notes: {a: 1}\n";

static void the_reference_file_is_read_as_it_is(void **state)
{
    (void)state;
    struct inventory *inventory = NULL;
    struct config_errors errors;
    config_errors_init(&errors);

    int32_t rc = inventory_load("hosts.yaml", rh_str_from(sample), &inventory, &errors);

    assert_int_equal(rc, RH_OK);
    assert_int_equal(errors.error_count, 0);
    assert_int_equal(inventory->p2p_voters.count, 2);
    assert_int_equal(inventory->hosts.count, 2);
    const struct inventory_host *alpha = inventory_find(inventory, rh_str_from("alpha"));
    const struct inventory_host *beta = inventory_find(inventory, rh_str_from("beta"));
    assert_true(rh_str_eq_c(alpha->ssh_host, "10.0.0.5"));
    assert_int_equal(alpha->ssh_port, 2222);
    assert_int_equal(alpha->cpus, 32);
    assert_true(alpha->memory_gb > 251.59 && alpha->memory_gb < 251.61);
    assert_true(rh_str_eq_c(alpha->gpu, "4090"));
    assert_int_equal(alpha->nat_blocked, 0);
    assert_int_equal(alpha->relay_capable, 1);
    assert_int_equal(alpha->selfplay_enabled, 1);
    assert_int_equal(beta->ssh_port, 22);
    assert_int_equal(beta->is_ephemeral, 1);
    assert_int_equal(beta->training_enabled, 0);
    assert_null(inventory_find(inventory, rh_str_from("gamma")));
    inventory_free(inventory);
    config_errors_release(&errors);
}

static void unknown_keys_are_noted_once_each(void **state)
{
    (void)state;
    struct inventory *inventory = NULL;
    struct config_errors errors;
    struct rh_buf buf;
    config_errors_init(&errors);
    rh_buf_init(&buf, 10000);

    (void)inventory_load("hosts.yaml", rh_str_from(sample), &inventory, &errors);
    (void)config_errors_print(&errors, &buf);

    assert_string_equal(buf.p,
                        "hosts.yaml:3:1: note: ignored: key \"sync_interval\" has no meaning here\n"
                        "    sync_interval: 60\n"
                        "    ^\n"
                        "hosts.yaml:16:5: note: ignored: key \"notes\" has no meaning here\n"
                        "        notes: $fast\n"
                        "        ^\n");
    rh_buf_release(&buf);
    inventory_free(inventory);
    config_errors_release(&errors);
}

static void wrong_values_are_errors_with_places(void **state)
{
    (void)state;
    struct inventory *inventory = NULL;
    struct config_errors errors;
    struct rh_buf buf;
    config_errors_init(&errors);
    rh_buf_init(&buf, 10000);

    int32_t rc = inventory_load("h.yaml", rh_str_from("hosts:\n  a: {ssh_port: 70000}\n  b: [1]\n"),
                                &inventory, &errors);
    (void)config_errors_print(&errors, &buf);

    assert_int_equal(rc, RH_EINVAL);
    assert_null(inventory);
    assert_int_equal(errors.error_count, 2);
    assert_memory_equal(buf.p, "h.yaml:2:17: error: hosts.a.ssh_port: 70000 is not", 50);
    rh_buf_release(&buf);
    config_errors_release(&errors);
}

static void json_has_every_known_key(void **state)
{
    (void)state;
    struct inventory *inventory = NULL;
    struct config_errors errors;
    struct rh_buf buf;
    config_errors_init(&errors);
    rh_buf_init(&buf, 10000);
    assert_int_equal(inventory_load("h", rh_str_from("p2p_voters: [a]\nhosts: {a: {cpus: 4}}\n"),
                                    &inventory, &errors),
                     RH_OK);

    assert_int_equal(inventory_json(inventory, &buf), RH_OK);

    assert_string_equal(
        buf.p,
        "{\"p2p_voters\":[\"a\"],\"hosts\":{\"a\":{\"ssh_host\":\"\",\"ssh_port\":22,\"ssh_user\":"
        "\"\","
        "\"ssh_key\":\"\",\"role\":\"\",\"status\":\"\",\"cpus\":4,\"memory_gb\":0,\"gpu\":\"\","
        "\"gpu_vram_gb\":0,\"nat_blocked\":false,\"relay_capable\":false,\"is_ephemeral\":false,"
        "\"selfplay_enabled\":true,\"training_enabled\":true}}}");
    rh_buf_release(&buf);
    inventory_free(inventory);
    config_errors_release(&errors);
}

static void an_empty_file_is_an_empty_inventory(void **state)
{
    (void)state;
    struct inventory *inventory = NULL;
    struct config_errors errors;
    config_errors_init(&errors);

    assert_int_equal(inventory_load("h", rh_str_from("# none\n"), &inventory, &errors), RH_OK);

    assert_int_equal(inventory->hosts.count, 0);
    inventory_free(inventory);
    config_errors_release(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_file_is_read_as_it_is),
        cmocka_unit_test(unknown_keys_are_noted_once_each),
        cmocka_unit_test(wrong_values_are_errors_with_places),
        cmocka_unit_test(json_has_every_known_key),
        cmocka_unit_test(an_empty_file_is_an_empty_inventory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
