/** Address of an agent's photo, relative to /widget/app/: a proxy may serve the gateway below a path. */
import { photoOf } from "@palique/ui/Avatar";

export function agentPhoto(agent: string): string {
	return `../..${photoOf(agent)}`;
}
