/*
 * What connectors share
 *
 * Threads: one.
 */
#include "connectors/connector.h"

#include <stddef.h>

void connector_close(struct connector *connector)
{
	if (connector->type) {
		connector->type->close(connector->state);
	}
	*connector = (struct connector){.type = NULL};
}
