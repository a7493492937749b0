import { type ComponentType, h } from "preact";
import { Loading } from "./EmptyState";
import { useLoad } from "./useLoad";

/** A component whose code is loaded when it is first shown. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
	return function Lazy(props: Props) {
		const code = useLoad(load, []);
		return code.value ? h(code.value, props) : <Loading loaded={code} />;
	};
}
