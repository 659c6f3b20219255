/*
 * World Customs Organization: the WCO Data Model, a format of no country
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/wco-dm/wco.h"
#include "formats/xml/format.h"

static const struct rg_format formats[] = {
	{
		.name = "wco-dm-response",
		.version = WCO_DM_RESPONSE_VERSION,
		.media_type = "application/xml",
		.unverified = "what each function code decides is this project's reading of "
			      "published examples",
		.profile = &wco_dm_response_profile,
		XML_FORMAT_FUNCTIONS,
	},
	{
		.name = "wco-dm",
		.version = WCO_DM_VERSION,
		.media_type = "application/xml",
		.unverified = "the schemas and files are those of one service (data model 3.6 as "
			      "Great Britain uses it); code lists of others differ",
		.profile = &wco_dm_profile,
		XML_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "WCO Data Model",
	.authority = "World Customs Organization",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
