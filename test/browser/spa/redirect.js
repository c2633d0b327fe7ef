// The page of the redirect URI: it hands the answer to the page that asked.
import { broadcastResponseToMainFrame } from '@azure/msal-browser/redirect-bridge';

await broadcastResponseToMainFrame();
