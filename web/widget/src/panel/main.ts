/** The part of the widget in the host's page that is loaded on demand: consent dialog and bridge to the application. */
import type { PanelModule } from "../loader/widget";
import { connectApp } from "./appBridge";
import { showConsentDialog } from "./consentDialog";
import { onStopped } from "./stopped";

export const ask: PanelModule["ask"] = showConsentDialog;
export const attend: PanelModule["attend"] = connectApp;
export const stopped: PanelModule["stopped"] = onStopped;
