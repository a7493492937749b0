/** The part of the widget in the host's page that loads on demand: the question for consent, and the bridge to the application. */
import type { PanelModule } from "../loader/widget";
import { connectApp } from "./appBridge";
import { showConsentDialog } from "./consentDialog";

export const ask: PanelModule["ask"] = showConsentDialog;
export const attend: PanelModule["attend"] = connectApp;
