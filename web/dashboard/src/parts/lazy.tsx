import { type ComponentType, h } from "preact";
import { Loading } from "./EmptyState";
import { useLoad } from "./useLoad";

/** Milliseconds. The first load is over by then. */
const AHEAD_MS = 10_000;

/**
 * A component whose code is loaded when it is first shown, or some seconds after the start. Later it may be too late: after an upgrade
 * of the gateway the files of an open page are gone.
 */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
	let code: ComponentType<Props> | null = null;
	const loaded = async () => {
		code = await load();
		return code;
	};
	setTimeout(() => loaded().catch(() => undefined), AHEAD_MS);
	return function Lazy(props: Props) {
		const late = useLoad(loaded, []);
		// Code that is there is shown at once, so that the focus finds its place.
		const shown = code ?? late.value;
		return shown ? h(shown, props) : <Loading loaded={late} />;
	};
}
