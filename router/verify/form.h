#ifndef VERIFY_FORM_H
#define VERIFY_FORM_H

/*
 * Whether a header that parses also makes sense by itself
 *
 * Refuses with MALFORMED, naming rule and field. Needs neither trust nor time.
 * Threads: any.
 */

#include "message.h"

void verify_form_check(struct message *message);

#endif
