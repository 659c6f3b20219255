#ifndef CLI_SHOW_CONSIGNMENT_H
#define CLI_SHOW_CONSIGNMENT_H

/*
 * How track shows a consignment: whose turn it is on each leg, since when, and why
 */

#include <stdbool.h>

#include <jansson.h>

#include "rivergate/v1/session.pb-c.h"

/*
 * One line a leg, and what was found. why: also each authority of the plan with the rule that
 * brought it in, the profile's version and record, the law, and what it asks for.
 */
void show_consignment(const Rivergate__V1__ConsignmentView *view, bool why);

/* What a truck carries, and which declaration holds it. */
void show_movement(const Rivergate__V1__MovementView *movement);

/* The same; NULL: no memory. */
json_t *show_movement_json(const Rivergate__V1__MovementView *movement);
json_t *show_consignment_json(const Rivergate__V1__ConsignmentView *view);

#endif
