import "@palique/ui/tokens.css";
import { Icon } from "@palique/ui/Icon";
import { render } from "preact";

const root = document.getElementById("app");
if (root) render(<Icon name="chat" label="Palique" />, root);
