export * from "./chat";
export * from "./clock";
export * from "./codes.gen";
export * from "./connection";
export * from "./connectionState";
export * from "./foldEntries";
export * from "./frames";
export { cursorOf, type Log, visibleEntries } from "./log";
export type { Outbox, Outgoing } from "./outbox";
