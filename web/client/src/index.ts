export * from "./codes.gen";
export * from "./frames";
