/** Tests of the pages. */
package network.tender.web.pages;
