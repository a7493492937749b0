/** Frames, codes and vocabulary for clients of the websockets. All of it is generated from the servers' tables. */
export * from "../../client/src/codes.gen.js";
export * from "../../client/src/frames.gen.js";
export * from "../../ui/src/vocabulary.gen.js";
