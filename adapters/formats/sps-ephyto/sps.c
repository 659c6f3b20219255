/*
 * UN/CEFACT SPSCertificate: the mapping table of the certificate alone
 *
 * Threads: constants only.
 */
#include "formats/sps-ephyto/sps.h"

#include "formats/sps-ephyto/certificate.h"
#include "formats/sps-ephyto/hub.h"

static const struct xml_row rows[] = {
	SPS_NAMESPACES,
	SPS_CERTIFICATE(""),
};

const struct xml_profile sps_ephyto_profile = {
	.format = "sps-ephyto",
	.root = "rsm:SPSCertificate",
	.head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
	.rows = rows,
	.n_rows = sizeof(rows) / sizeof(rows[0]),
	.credentials = sps_credentials,
	.others = sps_hub_profiles,
};
