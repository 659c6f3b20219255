/*
 * International Plant Protection Convention: ePhyto
 *
 * Threads: constants only.
 */
#include <rivergate/adapter.h>

#include "formats/sps-ephyto/answers.h"
#include "formats/sps-ephyto/content.h"
#include "formats/sps-ephyto/sps.h"
#include "formats/xml/format.h"

static const struct rg_format formats[] = {
	{
		.name = "sps-ephyto",
		.version = SPS_EPHYTO_VERSION,
		.media_type = "application/xml",
		.unverified =
			"status codes other than 70, elements beyond the hub's own schema, and "
			"certificates that the hub carries as text follow UN/CEFACT's lists "
			"and the hub's WSDL and were not seen in a file",
		.profile = &sps_ephyto_profile,
		.document = "rivergate.v1.Certificate",
		.detect = sps_detect,
		.decode = sps_decode,
		.encode = xml_encode,
		.validate = sps_validate,
		.check_names = xml_check_names,
		.detect_named = xml_detect_named,
	},
	{
		.name = "sps-ephyto-answer",
		.version = SPS_ANSWER_VERSION,
		.media_type = "application/xml",
		.unverified = "no answer of the hub was seen in a file; names are the WSDL's",
		.profile = &sps_answer_profile,
		XML_FORMAT_FUNCTIONS,
	},
};

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "IPPC ePhyto",
	.authority = "International Plant Protection Convention, ePhyto hub (UNICC)",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
