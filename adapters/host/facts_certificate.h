#ifndef HOST_FACTS_CERTIFICATE_H
#define HOST_FACTS_CERTIFICATE_H

/*
 * What a header takes from a certificate
 *
 * A certificate states goods, containers, seals and itself, each in its own shape. It is
 * brought into that of a declaration, so that one way of making facts serves both.
 */

#include <rivergate/error.h>

#include "rivergate/v1/certificate.pb-c.h"
#include "rivergate/v1/message.pb-c.h"
#include "wire/doc.h"

/*
 * Makes a Declaration that states nothing but the facts:
 *
 *     ucr          the certificate's; else COUNTRY-TYPE-NUMBER of the certificate itself
 *     items        one for each line with a code of the system HS: six digits, origin, mass
 *                  where it is in KGM or TNE. A line 0, which holds for all others, counts
 *                  where no other has a code
 *     containers   with their seals
 *     documents    the certificate itself, then those it refers to with a type
 *
 * RG_E_OVERFLOW: it states more than a document may hold.
 */
RG_MUST_USE rg_err facts_certificate(const Rivergate__V1__Certificate *certificate,
	struct doc **ret_doc);

/*
 * Sets the typed facts of a header whose other facts were filled from this certificate:
 * those of KIND_CERTIFICATE, or, where the certificate says that it is withdrawn or
 * replaced, those of KIND_CERTIFICATE_STATUS with that kind. A certificate that does not
 * say how it reached us is data of the system it was read from: ISSUER_MESSAGE, which
 * counts only when the sender is the issuer. What stood in the oneof must be nothing.
 */
RG_MUST_USE rg_err facts_certificate_type(const Rivergate__V1__Certificate *certificate,
	Rivergate__V1__Header *header);

#endif
