// Every screen of the window in German.

import './speak/german';
import { describeScreens } from './speak/screens';

describeScreens('de');
