#ifndef CN_CEB_MESSAGE_H
#define CN_CEB_MESSAGE_H

/*
 * The messages of the e-commerce system as tables
 *
 * Made by generate.py of messages.csv (what an element is called, in which order, how
 * long) and elements.csv (what it means). The root's name says which message it is.
 */

#include "formats/xml/mapping.h"

#define CEB_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

struct ceb_message {
	struct xml_profile profile; /* first: a profile of this family is a message */
	const int16_t *limits;      /* characters of each row: at most; below 0: exactly; 0: any */
	bool is_answer;
};

extern const struct ceb_message ceb_messages[];
extern const size_t ceb_n_messages;

#endif
