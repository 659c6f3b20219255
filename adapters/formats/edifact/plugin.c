/*
 * UN/EDIFACT: declarations, cargo reports and answers, of no country
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/edifact/decode.h"
#include "formats/edifact/tables.h"

static const struct rg_format formats[] = {
	{
		.name = "edifact",
		.version = EDIFACT_VERSION,
		.media_type = "application/edifact",
		.unverified =
			"no CUSDEC of a real system was seen: which qualifier holds what follows "
			"the directory's definitions; the structure of IFCSUM is partial",
		.profile = &edi_profile,
		EDI_FORMAT_FUNCTIONS,
	},
	{
		.name = "edifact-response",
		.version = EDIFACT_VERSION,
		.media_type = "application/edifact",
		.unverified =
			"what a code of a national list means is not known; the structures of "
			"APERAK and CONTRL are this project's",
		.profile = &edi_response_profile,
		EDI_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "UN/EDIFACT",
	.authority = "UNECE (directories), ISO (syntax, ISO 9735)",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
