/** What the loader adds to the host's page on first need: the question for consent, and the bridge to the application. */
export { ask } from "./ask";
export { attend } from "./attend";
