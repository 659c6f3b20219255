/*
 * Convention on International Trade in Endangered Species: electronic permits
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/cites-epix/cites.h"
#include "formats/xml/format.h"

static const struct rg_format formats[] = {
	{
		.name = "cites-epix",
		.version = CITES_EPIX_VERSION,
		.media_type = "application/soap+xml",
		.unverified = "one answer of version 2 was seen, a test file with most elements "
			      "empty; names of other operations follow its name",
		.profile = &cites_epix_profile,
		.document = "rivergate.v1.Certificate",
		XML_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "CITES e-permits",
	.authority = "CITES management authorities; EPIX of UNEP-WCMC",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
