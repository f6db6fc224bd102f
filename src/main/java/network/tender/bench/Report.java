package network.tender.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a run has found out.
 *
 * @param json for programs
 * @param text for people
 * @param trusted false if the counts do not add up; then no figure means anything
 */
public record Report(ObjectNode json, String text, boolean trusted) {}
