import { Icon } from "@palique/ui/Icon";
import { Button } from "./parts/Button";
import { EmptyState } from "./parts/EmptyState";
import { lazy } from "./parts/lazy";
import { useStores } from "./StoresContext";
import { SetPassword } from "./session/SetPassword";
import { SignIn } from "./session/SignIn";
import { Shell } from "./shell/Shell";
import { useText } from "./texts/useText";

const Setup = lazy(async () => (await import("./firstrun/Setup")).Setup);

/** Shows the sign-in or the page, depending on the session (S-08). */
export function App() {
	const { session, invitation } = useStores();
	const t = useText();
	const state = session.state.value;
	switch (state.phase) {
		case "checking":
			return (
				<main class="signin" aria-busy="true">
					<Icon name="chat" size={32} label={t("loading")} />
				</main>
			);
		case "unreachable":
			return (
				<main class="signin">
					<EmptyState icon="warning" title={t("problem_unavailable")}>
						<Button icon="retry" onClick={() => void session.check()}>
							{t("try_again")}
						</Button>
					</EmptyState>
				</main>
			);
		case "setup":
			return <Setup />;
		case "signedOut":
			if (invitation.token.value) return <SetPassword token={invitation.token.value} />;
			return <SignIn expired={state.expired} />;
		case "signedIn":
			return <Shell me={state.me} />;
	}
}
