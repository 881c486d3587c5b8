// Every screen of the window in French.

import './speak/french';
import { describeScreens } from './speak/screens';

describeScreens('fr');
